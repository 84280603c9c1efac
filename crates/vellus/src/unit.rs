//! Follicular units: hairs whose roots lie together.
//!
//! Roots → groups, by single linkage: two roots closer than the protocol's distance belong to one unit.

use crate::hair::{FollicularUnit, Hair};

/// Groups the hairs rooted in the region into units, numbers them and writes the numbers into the hairs.
pub fn follicular_units(hairs: &mut [Hair], distance_px: f64) -> Vec<FollicularUnit> {
    let rooted: Vec<usize> = (0..hairs.len()).filter(|&k| hairs[k].counted).collect();
    let mut group: Vec<usize> = (0..rooted.len()).collect();
    for i in 0..rooted.len() {
        for j in 0..i {
            let (a, b) = (hairs[rooted[i]].root_px, hairs[rooted[j]].root_px);
            if libm::hypot(a[0] - b[0], a[1] - b[1]) < distance_px && group[i] != group[j] {
                let (from, to) = (group[i].max(group[j]), group[i].min(group[j]));
                group.iter_mut().filter(|g| **g == from).for_each(|g| *g = to);
            }
        }
    }
    let mut units: Vec<FollicularUnit> = Vec::new();
    for first in 0..rooted.len() {
        let members: Vec<usize> =
            (0..rooted.len()).filter(|&k| group[k] == first).map(|k| rooted[k]).collect();
        if members.is_empty() {
            continue;
        }
        let n = members.len() as f64;
        let id = units.len() as u32 + 1;
        let centre_px = [0, 1].map(|axis| members.iter().map(|&k| hairs[k].root_px[axis]).sum::<f64>() / n);
        units.push(FollicularUnit { id, centre_px, hairs: members.iter().map(|&k| hairs[k].id).collect() });
        members.iter().for_each(|&k| hairs[k].follicular_unit = Some(id));
    }
    units
}
