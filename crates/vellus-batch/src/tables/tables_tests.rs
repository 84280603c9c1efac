use super::*;

fn columns_of(text: &str) -> Vec<(String, Kind)> {
    let manifest = Manifest::parse(text, Default::default(), "trial.csv").expect("a manifest");
    further_columns(&manifest).into_iter().map(|column| (column.name, column.kind)).collect()
}

#[test]
fn columns_that_pass_through_have_the_type_of_their_cells() {
    let text = "photo,age,weight,code,empty,word,batch,dose,serial\n\
        a,41,70.5,007,,x,12E5,1.10,12345678901234567890\nb,,-71,012,,1,13,2.25,1\n";
    let told = [
        ("age", Kind::Integer),
        ("weight", Kind::Number),
        ("code", Kind::Text),
        ("empty", Kind::Text),
        ("word", Kind::Text),
        ("batch", Kind::Text),
        ("dose", Kind::Text),
        ("serial", Kind::Text),
    ];
    assert_eq!(columns_of(text), told.map(|(name, kind)| (name.to_owned(), kind)));
}

#[test]
fn no_table_has_a_column_twice_and_every_column_says_what_it_is() {
    let tables = [
        columns(of_row(), of_photo()),
        columns(of_row(), of_hair()),
        columns(of_row(), of_unit()),
        columns(of_follow_up(), of_change()),
        columns(of_follow_up(), of_fate()),
    ];
    for table in tables {
        let mut names: Vec<&str> = table.iter().map(|column| column.name.as_str()).collect();
        assert!(table.iter().all(|column| column.meaning.len() > 3));
        names.sort_unstable();
        let count = names.len();
        names.dedup();
        assert_eq!(names.len(), count);
    }
}
