//! What stands below knows nothing of what stands above it, and files beside each other do not go round in circles.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::map::{Floor, floor_of, floors, is_one_house};
use super::modules::{Arrow, Workspace};
use super::root;

/// Circles that are natural: from a file to another, and why a move would make it worse.
const ALLOWED: &[(&str, &str, &str)] = &[];

/// The arrows from a floor to one that stands further down in the map.
pub fn upwards(workspace: &Workspace, floors: &[Floor]) -> Vec<Arrow> {
    let floor = |module: usize| floor_of(floors, &workspace.modules[module].file);
    let upwards = workspace.arrows().into_iter().filter(|arrow| match (floor(arrow.from), floor(arrow.to)) {
        (Some(from), Some(to)) => from < to && !is_one_house(&floors[from], &floors[to]),
        _ => false,
    });
    upwards.collect()
}

/// Files or folders beside each other of which each leads to all others, with the arrows between them.
pub struct Circle {
    pub members: BTreeSet<usize>,
    pub arrows: Vec<Arrow>,
}

/// The circles among the children of every module.
pub fn circles(workspace: &Workspace, arrows: &[Arrow]) -> Vec<Circle> {
    let mut between: BTreeMap<usize, Vec<(usize, usize, &Arrow)>> = BTreeMap::new();
    for arrow in arrows {
        let (from, to) = (&workspace.modules[arrow.from].line, &workspace.modules[arrow.to].line);
        let shared = from.iter().zip(to).take_while(|(one, other)| one == other).count();
        if let (Some(one), Some(other), true) = (from.get(shared), to.get(shared), shared > 0) {
            between.entry(from[shared - 1]).or_default().push((*one, *other, arrow));
        }
    }
    between.values().flat_map(|arrows| among(arrows)).collect()
}

fn among(arrows: &[(usize, usize, &Arrow)]) -> Vec<Circle> {
    let mut reached: BTreeSet<(usize, usize)> = arrows.iter().map(|(from, to, _)| (*from, *to)).collect();
    loop {
        let further = reached.iter().flat_map(|(from, by)| {
            let beyond = reached.range((*by, 0)..=(*by, usize::MAX));
            beyond.map(|(_, to)| (*from, *to))
        });
        let further: BTreeSet<_> = further.filter(|pair| !reached.contains(pair)).collect();
        if further.is_empty() {
            break;
        }
        reached.extend(further);
    }
    let mut circles: BTreeMap<BTreeSet<usize>, Vec<Arrow>> = BTreeMap::new();
    for (from, to, arrow) in arrows.iter().filter(|(from, to, _)| reached.contains(&(*to, *from))) {
        let with = reached.range((*from, 0)..=(*from, usize::MAX)).map(|(_, with)| *with);
        let members: BTreeSet<_> = with.filter(|with| reached.contains(&(*with, *from))).collect();
        debug_assert!(members.contains(to));
        circles.entry(members).or_default().push((*arrow).clone());
    }
    circles.into_iter().map(|(members, arrows)| Circle { members, arrows }).collect()
}

/// Where each arrow is, a line each.
pub fn told(workspace: &Workspace, arrows: &[Arrow]) -> String {
    let mut text = String::new();
    for arrow in arrows {
        let (from, to) = (&workspace.modules[arrow.from].file, &workspace.modules[arrow.to].file);
        writeln!(text, "  {from}:{} names {} ({to})", arrow.line, arrow.path).unwrap();
    }
    text
}

#[test]
fn every_file_stands_on_the_map() {
    let (workspace, floors) = (Workspace::read(&root()), floors(&root()));
    for module in workspace.modules.iter().filter(|module| module.line.len() > 1) {
        assert!(
            floor_of(&floors, &module.file).is_some(),
            "{} stands on no floor: give its folder a row in the map of ARCHITECTURE.md, below all that it uses",
            module.file
        );
    }
}

#[test]
fn crates_list_their_modules_from_the_ground_up() {
    let (workspace, floors) = (Workspace::read(&root()), floors(&root()));
    for (id, module) in workspace.modules.iter().enumerate().filter(|(_, module)| module.line.len() == 1) {
        let listed = module.said.modules.iter().map(|name| &workspace.modules[module.children[name]].file);
        let listed: Vec<_> = listed.filter_map(|file| Some((floor_of(&floors, file)?, file))).collect();
        for pair in listed.windows(2) {
            let ((above, _), (below, file)) = (pair[0], pair[1]);
            assert!(
                above <= below || is_one_house(&floors[above], &floors[below]),
                "{} lists {file} further down than the map in ARCHITECTURE.md does",
                workspace.modules[id].file
            );
        }
    }
}

#[test]
fn a_floor_uses_only_what_it_stands_on() {
    let (workspace, floors) = (Workspace::read(&root()), floors(&root()));
    let upwards = upwards(&workspace, &floors);
    assert!(
        upwards.is_empty(),
        "A folder may use only what stands above it in the map of ARCHITECTURE.md. Move what is used down to where both \
         can reach it, hand it in from above (a value, a trait, a closure), or move the file that uses it up:\n{}",
        told(&workspace, &upwards)
    );
}

#[test]
fn files_beside_each_other_go_round_in_no_circle() {
    let (workspace, floors) = (Workspace::read(&root()), floors(&root()));
    let mut unused: BTreeSet<_> = ALLOWED.iter().map(|(from, to, _)| (*from, *to)).collect();
    let mut arrows = workspace.arrows();
    arrows.retain(|arrow| {
        let ends = (workspace.modules[arrow.from].file.as_str(), workspace.modules[arrow.to].file.as_str());
        let stands_on = [ends.0, ends.1].map(|file| floor_of(&floors, file).map(|floor| &floors[floor]));
        if let [Some(from), Some(to)] = stands_on
            && !is_one_house(from, to)
        {
            // Between floors there is an order already.
            return false;
        }
        unused.remove(&ends);
        !ALLOWED.iter().any(|(from, to, _)| (*from, *to) == ends)
    });
    let circles = circles(&workspace, &arrows);
    let name = |member: &usize| workspace.modules[*member].file.as_str();
    let told = circles.iter().map(|circle| {
        let members: Vec<_> = circle.members.iter().map(name).collect();
        format!("{}:\n{}", members.join(", "), told(&workspace, &circle.arrows))
    });
    let told: Vec<_> = told.collect();
    assert!(
        circles.is_empty(),
        "Files or folders beside each other lead to one another. Give what they share a file of its own below both, or \
         move it to the one that needs nothing of the other:\n{}",
        told.join("\n")
    );
    assert!(unused.is_empty(), "ALLOWED names what is not there any more: {unused:?}");
}
