# LibTorch as the distribution installs it: two libraries and their headers, without the
# Caffe2 package whose link interface drags in protobuf, CUDA probes and more. Where LibTorch
# was unpacked by hand, set TORCH_ROOT. Defines Torch::torch.
find_path(TORCH_INCLUDE_DIR torch/version.h HINTS ${TORCH_ROOT}/include
  PATH_SUFFIXES torch/csrc/api/include)
find_path(ATEN_INCLUDE_DIR ATen/ATen.h HINTS ${TORCH_ROOT}/include)
find_library(TORCH_CPU_LIBRARY torch_cpu HINTS ${TORCH_ROOT}/lib)
find_library(TORCH_C10_LIBRARY c10 HINTS ${TORCH_ROOT}/lib)
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(TorchSystem
  REQUIRED_VARS ATEN_INCLUDE_DIR TORCH_CPU_LIBRARY TORCH_C10_LIBRARY
  REASON_FAILURE_MESSAGE "install libtorch-dev (tools/setup does)")
if(TorchSystem_FOUND AND NOT TARGET Torch::torch)
  add_library(Torch::torch UNKNOWN IMPORTED)
  set_target_properties(Torch::torch PROPERTIES IMPORTED_LOCATION ${TORCH_CPU_LIBRARY}
    INTERFACE_INCLUDE_DIRECTORIES ${ATEN_INCLUDE_DIR} INTERFACE_LINK_LIBRARIES ${TORCH_C10_LIBRARY})
endif()
mark_as_advanced(TORCH_INCLUDE_DIR ATEN_INCLUDE_DIR TORCH_CPU_LIBRARY TORCH_C10_LIBRARY)
