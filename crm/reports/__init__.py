"""What the deals and their log say: forecast, stage conversion, closings. DEFINITIONS of each figure stand with its
function; every figure belongs to one currency, and every figure has the deals behind it."""
