"""Pictures: plots of maps, boxes and curves, and video. Only this part draws."""
