"""Checks any web app by its URL: do its sessions really end?"""
