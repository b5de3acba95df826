# Reads what clang-format --dry-run says (fields between colons); prints one line per file, the place of its first
# difference, and whatever else went wrong. Exits 1 if there was anything.
/: error: code should be clang-formatted/ {
  if (!seen[$1]++) lines = lines $1 ":" $2 ": not formatted: run tools/format\n"
  next
}
/: error: |^Error|^error/ {
  lines = lines $0 "\n"
}
END {
  printf "%s", lines
  exit lines != ""
}
