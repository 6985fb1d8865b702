"""wishapp: neighbourhood micro-wishes, matched fairly and followed to the end."""
