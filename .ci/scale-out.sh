#!/usr/bin/env bash
# Runs samples/scale-out/Snakefile on the samples, kills a worker on the way and compares the tables with one machine's.
# usage: scale-out.sh VELLUS SNAKEMAKE FOLDER
set -euo pipefail
vellus=$(realpath "$1"); snakemake=$(realpath -s "$2"); folder=$3
rm -rf "$folder"
mkdir -p "$folder"
folder=$(realpath "$folder")
samples=$(realpath samples/scale-out)
# A worker that is killed the first time that it does the third share, which has two photos, after its first record.
cat > "$folder/worker" <<EOF
#!/usr/bin/env bash
if [[ "\$*" == *"--shard 3/3"* && ! -e "$folder/killed" ]]; then
    touch "$folder/killed"
    "$vellus" "\$@" & worker=\$!
    until compgen -G "$folder/parts/shards/3/photos/*.jsonl" > /dev/null; do
        kill -0 \$worker || break
        sleep 0.02
    done
    kill -9 \$worker
    exit 137
fi
exec "$vellus" "\$@"
EOF
chmod +x "$folder/worker"
"$snakemake" -s "$samples/Snakefile" --directory "$folder" --cores 2 --quiet all \
    --config vellus="$folder/worker" manifest="$samples/samples.csv" out="$folder/parts" shards=3
test -e "$folder/killed"
"$vellus" batch "$samples/samples.csv" -o "$folder/whole" --quiet
diff -r "$folder/whole/tables" "$folder/parts/trial/tables"
echo "three workers, one killed: the tables are one machine's"
