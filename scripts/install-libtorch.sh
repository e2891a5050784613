#!/usr/bin/env bash
# Installs what `cargo … -p ch09-conv-vae --features tch` needs and nobody has at hand: a libtorch for the CPU, headers
# and libraries, 0.5 GB, in .cargo/libtorch/, which git ignores. Afterwards say where it is with the variable that the
# last line names. To undo it, delete the folder.
#
# Who has PyTorch 2.11 or a libtorch of their own, for a GPU above all, does not need this script: the chapter's
# README says what to set.
#
# The libraries come from PyTorch's Python package, because every machine with pip can reach it. Python only unpacks
# them: which version of Python is here does not matter, and none is needed to build or run.
set -euo pipefail

version=2.11.0 # the one that tch 0.24 is written for

if [[ "$(uname -s) $(uname -m)" != "Linux x86_64" ]]; then
    echo "this script knows Linux on x86-64 only. Elsewhere: pip install torch==$version, and build with" >&2
    echo "LIBTORCH_USE_PYTORCH=1 (chapters/ch09-conv-vae/README.md)" >&2
    exit 1
fi
if ! python3 -m pip --version >/dev/null 2>&1; then
    echo "pip is not here, and it fetches the libraries: install Python 3 with pip (Debian: python3-pip)" >&2
    exit 1
fi

cd "$(dirname "${BASH_SOURCE[0]}")/.."
final=.cargo/libtorch
if [[ "$(cat $final/torch/build-version 2>/dev/null)" == "$version" ]]; then
    echo "libtorch $version is already in $final/: export LIBTORCH=\"\$PWD/$final/torch\""
    exit 0
fi

# Unpacked beside its place and renamed at the end, so that an interrupted installation is none.
fresh=$PWD/$final.unfinished
rm -rf "$fresh"
mkdir "$fresh"
python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore \
    --no-deps --no-compile --no-cache-dir --target "$fresh" \
    --only-binary=:all: --implementation cp --python-version 3.12 \
    --platform manylinux_2_28_x86_64 --platform manylinux_2_25_x86_64 \
    --platform manylinux_2_17_x86_64 --platform manylinux2014_x86_64 \
    "torch==$version" nvidia-cuda-runtime==13.0.96 nvidia-cuda-cupti==13.0.85

# The package is built for CUDA, and its CPU library asks for the two small CUDA libraries above by name. All the rest of
# CUDA goes, and whatever only Python uses.
cd "$fresh"
rm -rf torch/lib/lib{torch_cuda*,torch_nvshmem,c10_cuda,torch_python,caffe2_nvrtc,shm*}.so
rm -rf torch/{bin,test,testing,_inductor,distributed} torchgen functorch bin
rm -rf nvidia/cu13/include nvidia/cu13/lib/lib{nvperf,checkpoint,pcsampling}*
find . \( -name '*.py' -o -name '*.pyi' \) -delete

# torch-sys compares this file with the version that it was written for.
echo $version >torch/build-version
cd ../..
rm -rf $final
mv "$fresh" $final
echo "libtorch $version is in $final/ ($(du -sh $final | cut -f1)). Now:"
echo "export LIBTORCH=\"\$PWD/$final/torch\"; cargo run -p ch09-conv-vae --features tch"
