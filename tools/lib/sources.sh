# shellcheck shell=bash
# For tools/check and tools/format, which source it.

# Prints the C++ files under the working directory that git tracks or would add; all of them where git does not serve.
project_sources() {
  local file
  { git -c safe.directory='*' ls-files --cached --others --exclude-standard -- '*.hpp' '*.cpp' 2>/dev/null ||
    find . \( -name '.?*' -o -path './build*' \) -prune -o \( -name '*.hpp' -o -name '*.cpp' \) -print | sed 's|^\./||'; } |
    sort -u | while IFS= read -r file; do
      [[ -f $file ]] && printf '%s\n' "$file"
    done || true
}

# Prints the name of a clang-format of the version the tree is formatted with: others differ in details.
find_clang_format() {
  local name
  for name in clang-format-14 clang-format; do
    if command -v "$name" >/dev/null && [[ $("$name" --version) == *"version 14."* ]]; then
      echo "$name"
      return
    fi
  done
  echo "clang-format 14 is missing: run tools/setup" >&2
  return 2
}
