# Where Debian's arm64 libraries lie that the test kernels_aarch64 links with: outside of the system's folders, so that
# the machine need not take a second architecture.
aarch64_libs=${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/dci-runtime/aarch64
