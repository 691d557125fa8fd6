"""Find, download, read and identify files of weights; no file is ever unpickled."""
