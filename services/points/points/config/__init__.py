"""How the points service is put together: settings, paths, web and worker."""
