"""Fixtures for the model's tests."""

from fakes.scripted_openai import scripted_openai

__all__ = ["scripted_openai"]
