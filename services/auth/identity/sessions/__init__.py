"""The module sessions: signing in, refreshing and signing out."""
