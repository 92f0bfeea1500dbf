"""What every course hands to its students: modules that need numpy only, copied by the build."""
