//! Which arm a subject is in: what all its rows say together.

use std::collections::{BTreeMap, BTreeSet};

use crate::manifest::Row;

/// The arms that the rows of each subject state, by site and altogether.
#[derive(Debug)]
pub struct Arms<'a> {
    by_site: BTreeMap<(&'a str, Option<&'a str>), BTreeSet<&'a str>>,
    by_subject: BTreeMap<&'a str, BTreeSet<&'a str>>,
}

impl<'a> Arms<'a> {
    /// Those of these rows.
    pub fn of(rows: &'a [Row]) -> Self {
        let mut arms = Self { by_site: BTreeMap::new(), by_subject: BTreeMap::new() };
        for row in rows {
            if let (Some(subject), Some(arm)) = (row.subject.as_deref(), row.arm.as_deref()) {
                arms.by_site.entry((subject, row.site.as_deref())).or_default().insert(arm);
                arms.by_subject.entry(subject).or_default().insert(arm);
            }
        }
        arms
    }

    /// The arm of a row: its own, or the only one that other rows of its subject state, those of its site first.
    pub fn arm(&self, row: &'a Row) -> Option<&'a str> {
        let only = |arms: &BTreeSet<&'a str>| arms.first().copied().filter(|_| arms.len() == 1);
        let subject = row.subject.as_deref();
        let site = || self.by_site.get(&(subject?, row.site.as_deref()));
        row.arm.as_deref().or_else(|| match site() {
            Some(arms) => only(arms),
            None => only(self.by_subject.get(subject?)?),
        })
    }

    /// The arms of a row's subject and site, where its rows state several. Two sites of one head may differ.
    pub fn conflict(&self, row: &Row) -> Option<String> {
        let arms = self.by_site.get(&(row.subject.as_deref()?, row.site.as_deref()))?;
        (arms.len() > 1).then(|| arms.iter().copied().collect::<Vec<_>>().join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::Manifest;

    #[test]
    fn a_row_without_arm_has_that_of_its_subject() {
        let text = "photo,subject,visit,site,arm\n\
            a,A,0,,active\nb,A,12,,\nc,B,0,,active\nd,B,12,,placebo\ne,B,24,,\nf,C,0,left,active\ng,C,0,right,placebo\n\
            h,C,12,left,\ni,C,0,nape,\nj,,0,,\n";
        let manifest = Manifest::parse(text, Default::default(), "trial.csv").expect("a manifest");
        let arms = Arms::of(&manifest.rows);
        let told: Vec<Option<&str>> = manifest.rows.iter().map(|row| arms.arm(row)).collect();
        let [active, placebo] = [Some("active"), Some("placebo")];
        assert_eq!(told, [active, active, active, placebo, None, active, placebo, active, None, None]);
        let conflicts: Vec<bool> = manifest.rows.iter().map(|row| arms.conflict(row).is_some()).collect();
        assert_eq!(conflicts.iter().filter(|&&conflict| conflict).count(), 3);
        assert_eq!(arms.conflict(&manifest.rows[4]).as_deref(), Some("active, placebo"));
    }
}
