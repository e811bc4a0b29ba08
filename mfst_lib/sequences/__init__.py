"""Where frames and boxes come from: benchmark folders, video files, the lab."""
