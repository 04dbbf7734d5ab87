"""How the warehouse service is put together: settings, paths, web and worker."""
