"""Real systems, each as its documentation shows it, for the tool to be run against."""
