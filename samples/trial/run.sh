#!/bin/sh
# A small trial, drawn and analysed: 12 subjects, two arms, three visits, two photos of each at the first.
#
#   samples/trial/run.sh [FOLDER]        FOLDER: target/trial
#
# With VELLUS the program is another than target/release/vellus. Every photo of a subject is of one drawn scalp (one seed).
# Week 0: the scalp at rest, and again with the camera put down anew. Active arm: hairs are thicker at week 12; thicker and
# more of them at week 24. Placebo: nothing changed at week 12, though the camera is 20° and 1.5 mm off; hairs are lost and
# thinned at week 24. The truth lies beside the photos.
set -eu
cd "$(dirname "$0")/../.."
vellus=${VELLUS:-target/release/vellus}
folder=${1:-target/trial}
photos=$folder/photos
mkdir -p "$photos"

manifest=$folder/trial.csv
echo "photo,subject,visit,replicate,arm,um_per_px,age" > "$manifest.new"
draw() { # kind seed
    name=clipped_typical_$1_s$2
    [ -f "$photos/$name.truth.json" ] ||
        "$vellus" phantom --scene clipped_typical --pair "$1" --seed "$2" --size 1000x800 -o "$photos" > /dev/null
}
row() { # photo subject visit replicate arm seed
    echo "photos/clipped_typical_$1.jpg,$2,week $3,$4,$5,5,$((6 * ($6 - 100) % 41 + 20))" >> "$manifest.new"
}
for seed in 101 102 103 104 105 106 107 108 109 110 111 112; do
    subject=S$((seed - 100))
    if [ $((seed % 2)) = 1 ]; then arm=active; mid=thickening; end=regrowth; else arm=placebo; mid=misaligned; end=loss; fi
    for kind in null $mid $end; do draw $kind $seed; done
    row null_s${seed}_a $subject 0 1 $arm $seed
    row null_s${seed}_b $subject 0 2 $arm $seed
    row ${mid}_s${seed}_b $subject 12 1 $arm $seed
    row ${end}_s${seed}_b $subject 24 1 $arm $seed
done
mv "$manifest.new" "$manifest"

# Exit code 1 with complete tables: a photo failed, which its row says.
"$vellus" batch "$manifest" -o "$folder/out" || test -f "$folder/out/tables/complete.json"
"$vellus" stats "$folder/out"
