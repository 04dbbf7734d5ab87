"""How the auth service is put together: settings, paths, web and worker."""
