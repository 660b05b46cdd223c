"""Tests in their own processes, and how each of them ended."""
