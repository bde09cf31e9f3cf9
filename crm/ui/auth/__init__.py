"""Signing in and out, and the middleware that lets nobody else in."""
