// The quick start names the address this page came from, so that it works when pasted.
for (const place of document.querySelectorAll(".origin")) place.textContent = location.origin;
