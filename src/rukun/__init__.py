"""Rukun: early warning and early response for community policing; about places and claims, never persons."""

__version__ = "0.1.0"
