"""The commands, one module per noun. They import what is slow to load only when they run."""
