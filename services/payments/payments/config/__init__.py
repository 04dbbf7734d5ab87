"""How the payments service is put together: settings, paths, web and worker."""
