// An operator's page: how the messages fare between the services, and what to do about those that are parked.
const SERVICES = ["auth", "points", "payments", "warehouse"];
const AGAIN_MS = 5000;
const $ = (id) => document.getElementById(id);
let token = "";

const say = (text) => { $("said").textContent = text; };

async function call(method, path, body) {
  const headers = { "Content-Type": "application/json", "Idempotency-Key": crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}` };
  if (token) headers.Authorization = `Bearer ${token}`;
  const answer = await fetch(`/api/v1/${path}`, { method, headers, body: body && JSON.stringify(body) });
  const result = await answer.json();
  if (!answer.ok) throw new Error(`${result.title} (${result.code})`);
  return result;
}

function row(cells, mark) {
  const line = document.createElement("tr");
  for (const cell of cells) {
    const place = document.createElement("td");
    place.append(cell);
    line.append(place);
  }
  if (mark) line.className = mark;
  return line;
}

const seconds = (value) => (value < 120 ? `${Math.round(value)} s` : `${Math.round(value / 60)} min`);
const ago = (instant) => `${seconds((Date.now() - new Date(instant)) / 1000)} ago`;

function agreement(flow) {
  if (!flow.compared_at) return "not compared yet";
  if (flow.agreed_at !== flow.compared_at) return `no, compared ${ago(flow.compared_at)}`;
  return `yes, ${ago(flow.agreed_at)}: ${flow.compared} messages`;
}

function flowRow(service, flow) {
  const lanes = [flow.waiting, seconds(flow.oldest_seconds), flow.bulk_waiting, seconds(flow.bulk_oldest_seconds)];
  const cells = [`${service} → ${flow.destination}`, ...lanes, flow.parked, flow.resent];
  return row([...cells, agreement(flow), flow.missing].map(String), flow.parked ? "attention" : "");
}

function button(text, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = text;
  made.addEventListener("click", () => act().then(refresh).catch((problem) => say(problem.message)));
  return made;
}

async function resend(service, one) {
  await call("POST", `${service}/messages/resendings`, { ids: [one.message_id], destination: one.destination });
  say(`${one.name} is sent to ${one.destination} again.`);
}

async function skip(service, one) {
  const reason = prompt(`Why is ${one.name} never to be sent to ${one.destination}? This is kept.`);
  if (!reason) return;
  await call("POST", `${service}/messages/${one.message_id}/skip`, { destination: one.destination, reason });
  say(`${one.name} is never sent to ${one.destination}.`);
}

function parkedRow(service, one) {
  const decide = document.createElement("span");
  decide.append(button("Send again", () => resend(service, one)), " ", button("Skip…", () => skip(service, one)));
  return row([one.name, `${service} → ${one.destination}`, ago(one.occurred_at), one.last_error, one.correlation_id, decide], "attention");
}

async function refresh() {
  const flows = await Promise.all(SERVICES.map((service) => call("GET", `${service}/messages/flows`)));
  const parked = await Promise.all(SERVICES.map((service) => call("GET", `${service}/messages?state=parked`)));
  $("flows").replaceChildren(...flows.flatMap((result, n) => result.results.map((flow) => flowRow(SERVICES[n], flow))));
  const rows = parked.flatMap((result, n) => result.results.map((one) => parkedRow(SERVICES[n], one)));
  $("parked").replaceChildren(...(rows.length ? rows : [row(["none", "", "", "", "", ""])]));
}

async function watch() {
  try {
    await refresh();
  } catch (problem) {
    say(problem.message);
  }
  setTimeout(watch, AGAIN_MS);
}

$("sign-in").addEventListener("submit", async (event) => {
  event.preventDefault();
  const { email, password } = Object.fromEntries(new FormData(event.target));
  try {
    token = (await call("POST", "auth/token", { email, password })).access;
    $("sign-in").hidden = true;
    $("inside").hidden = false;
    say("");
    await watch();
  } catch (problem) {
    say(problem.message);
  }
});
