"""The app: settings from the environment, and the one place where everything is put together."""
