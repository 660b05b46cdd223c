"""The app that people run and copy from: the last lesson's core, and what production needs."""
