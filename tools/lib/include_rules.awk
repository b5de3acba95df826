# Who may include whom (docs/ARCHITECTURE.md, "The house"). Reads the project's C++ files, named relative to its
# root; prints "file:line: rule" for each violation and exits 1 if there was one.

# The row a path belongs to; a higher row may include lower ones.
function row(path) {
  if (path ~ /^apps\//) return 50
  if (path ~ /^runtime\/script\//) return 41
  if (path ~ /^runtime\/host\//) return 40
  if (path ~ /^runtime\/sim\//) return 39
  if (path ~ /^actors\//) return 30
  if (path ~ /^tensors\/kernels\//) return 5 # stands alone, so that it cross-compiles
  if (path ~ /^tensors\//) return 21
  if (path ~ /^net\//) return 20
  if (path ~ /^runtime\/base\//) return 10
  return 0
}

# What a test folder is a test of; 90, which may include anything, for those that run whole programs.
function tested_row(path) {
  if (path ~ /^tests\/base\//) return 10
  if (path ~ /^tests\/net\//) return 20
  if (path ~ /^tests\/kernels\//) return 5
  if (path ~ /^tests\/(text|files|decoder|native|torch)\//) return 21
  if (path ~ /^tests\/actors\//) return 30
  if (path ~ /^tests\/host\//) return 40
  if (path ~ /^tests\/sim\//) return 39
  if (path ~ /^tests\/script\//) return 41
  return 90
}

function may_include_row(from, to) {
  if (from == 90 || from == to) return 1
  if (to == 5) return from == 21 || from == 50 # dci-bench measures them
  if (to == 39) return from == 50 # only dci-sim simulates
  if (from == 21 && to == 20) return 0
  return from > to
}

# All of a concept's folder but its actor: actor.{hpp,cpp}, and actor_*.{hpp,cpp} where that is split.
function is_pure(path) {
  return path ~ /^actors\/[^\/]+\// && path !~ /\/actor(_[a-z0-9_]+)?\.[ch]pp$/
}

# A concept's messages may carry actor handles (actors/handles.hpp); its pure part may use the messages all the same.
function is_messages(path) {
  return path ~ /^actors\/[^\/]+\/messages\.hpp$/
}

function torch_header(name) {
  return name ~ /^(torch|ATen|c10|caffe2)\//
}

# Libraries are closed to most of the tree: 1 where this file may use them.
function may_use(path, library) {
  if (library == "torch") return path ~ /^(tensors|tests)\/torch\//
  if (library == "simd") return path ~ /^tensors\/kernels\//
  if (library == "wire") return path ~ /^(net|tests\/net)\//
  if (library == "openssl") return path ~ /^(net|tests\/net|tensors\/files)\//
  if (row(path) == 39 || tested_row(path) == 39) return 0
  if (path ~ /^tests\//) return tested_row(path) >= 30
  return row(path) >= 30 && !is_pure(path)
}

function library_of(name) {
  if (torch_header(name)) return "torch"
  if (name ~ /^caf\//) return "caf"
  if (name ~ /^(zmq|msgpack)/) return "wire"
  if (name ~ /^hwy\//) return "simd"
  if (name ~ /^openssl\//) return "openssl"
  return ""
}

function where_allowed(library) {
  if (library == "torch") return "LibTorch belongs in tensors/torch"
  if (library == "wire") return "ZeroMQ and msgpack belong in net"
  if (library == "simd") return "Highway belongs in tensors/kernels"
  if (library == "openssl") return "OpenSSL belongs in net and tensors/files"
  return "CAF belongs in actors/*/actor*.{hpp,cpp}, runtime/host, runtime/script, apps and their tests"
}

function report(path, line, rule) {
  print path ":" line ": " rule
  bad = 1
}

# Does this header bring the library in, itself or through others?
function brings(path, library,    key, list, n, i) {
  key = path SUBSEP library
  if (key in reaches) return reaches[key]
  reaches[key] = 0 # also ends a circle
  if (key in uses) return reaches[key] = 1
  n = split(includes_of[path], list, "\n")
  for (i = 1; i <= n; ++i)
    if (list[i] in lines && brings(list[i], library)) return reaches[key] = 1
  return 0
}

FNR == 1 {
  ++lines[FILENAME]
}
{
  last_line[FILENAME] = FNR
}
/^[ \t]*#[ \t]*pragma[ \t]+once/ {
  guarded[FILENAME] = 1
}
/^[ \t]*#[ \t]*include[ \t]*[<"]/ {
  name = $0
  sub(/^[^<"]*[<"]/, "", name)
  sub(/[>"].*$/, "", name)
  ++count
  from[count] = FILENAME
  at[count] = FNR
  to[count] = name
  quoted[count] = $0 ~ /^[^<]*"/
  if (library_of(name) != "") uses[FILENAME, library_of(name)] = 1
  includes_of[FILENAME] = includes_of[FILENAME] name "\n"
}

END {
  for (i = 1; i < ARGC; ++i) {
    path = ARGV[i]
    # Highway's *-inl.hpp are included once for every set of instructions.
    if (path ~ /\.hpp$/ && path !~ /-inl\.hpp$/ && !(path in guarded)) report(path, 1, "a header starts with #pragma once")
    if (last_line[path] > max_lines)
      report(path, last_line[path], last_line[path] " lines, more than " max_lines ": split it by concern")
    if (!row(path) && path !~ /^tests\//) report(path, 1, "this folder has no row in tools/lib/include_rules.awk")
  }
  for (i = 1; i <= count; ++i) check_include(from[i], at[i], to[i], quoted[i])
  exit bad
}

function check_include(path, line, name, quotes,    library, mine, theirs) {
  if (name ~ /(^|\/)\.\.?\//) {
    report(path, line, "\"" name "\" is relative: write includes from the project root")
    return
  }
  library = library_of(name)
  if (library != "") {
    if (!may_use(path, library)) report(path, line, "<" name "> may not be included here: " where_allowed(library))
    return
  }
  theirs = row(name)
  if (!theirs && name !~ /^tests\//) {
    if (quotes) report(path, line, "\"" name "\": write includes from the project root, those of libraries in <>")
    return
  }
  if (name ~ /^tests\//) {
    if (path !~ /^tests\//) report(path, line, "\"" name "\" is for tests only")
    return
  }
  mine = path ~ /^tests\// ? tested_row(path) : row(path)
  if (mine && !may_include_row(mine, theirs))
    report(path, line, "\"" name "\" belongs to a row that may not be included from here")
  else if (path ~ /^tensors\/(text|files|decoder)\// && name ~ /^tensors\/torch\//)
    report(path, line, "\"" name "\": only tensors/torch knows LibTorch")
  else if (is_pure(path) && name == "actors/protocols.hpp")
    report(path, line, "\"" name "\" may not be included by the pure part of a concept, only by its actor")
  else
    check_indirect(path, line, name)
}

# A header that may use a library must not hand it to one that may not.
function check_indirect(path, line, name,    list, n, i, library) {
  if (is_messages(name) || (is_messages(path) && name == "actors/handles.hpp")) return
  n = split("caf torch openssl", list, " ")
  for (i = 1; i <= n; ++i) {
    library = list[i]
    if (!may_use(path, library) && may_use(name, library) && brings(name, library))
      report(path, line, "\"" name "\" brings " library " in: " where_allowed(library))
  }
}
