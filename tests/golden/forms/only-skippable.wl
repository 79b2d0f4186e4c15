×
ÿôno content at all