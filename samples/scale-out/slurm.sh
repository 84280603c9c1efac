#!/bin/bash
# A trial as an array job of Slurm: each task does a share of the photos.
#
#   sbatch --array=1-8 samples/scale-out/slurm.sh trial.csv out --um-per-px 5.54
#   vellus merge out/shard-* -o out/trial          when all tasks have ended
#
# A task that was preempted or ran out of time is requeued and goes on where it was.
#SBATCH --job-name=vellus
#SBATCH --cpus-per-task=2
#SBATCH --mem=2G
#SBATCH --time=04:00:00
#SBATCH --requeue
#SBATCH --signal=B:TERM@60
set -euo pipefail
manifest=$1
out=$2
shift 2
mkdir -p "$out"
exec "${VELLUS:-vellus}" batch "$manifest" -o "$out/shard-$SLURM_ARRAY_TASK_ID" --shard auto \
    --threads "${SLURM_CPUS_PER_TASK:-1}" "$@"
