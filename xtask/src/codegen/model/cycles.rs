//! Finds the types that contain themselves.

use std::collections::BTreeMap;

use super::{TypeItem, TypeKind, ValueType};

/// Boxes the fields through which a type contains itself.
pub(super) fn box_cycles(types: &mut [TypeItem]) {
    let indices: BTreeMap<String, usize> = types
        .iter()
        .enumerate()
        .map(|(index, item)| (item.name.clone(), index))
        .collect();
    let contained = |item: &TypeItem| -> Vec<usize> {
        let TypeKind::Struct(structure) = &item.kind else {
            return Vec::new();
        };
        let names = structure
            .fields
            .iter()
            .filter_map(|field| match &field.value {
                ValueType::Named(name) => indices.get(name).copied(),
                _ => None,
            });
        names.collect()
    };
    let edges: Vec<Vec<usize>> = types.iter().map(contained).collect();
    let components = strongly_connected_components(&edges);
    for (index, item) in types.iter_mut().enumerate() {
        let TypeKind::Struct(structure) = &mut item.kind else {
            continue;
        };
        for field in &mut structure.fields {
            if let ValueType::Named(name) = &field.value
                && let Some(target) = indices.get(name)
            {
                field.is_boxed = components[index] == components[*target];
            }
        }
    }
}

/// Numbers the strongly connected components of a graph, by Kosaraju's algorithm.
fn strongly_connected_components(edges: &[Vec<usize>]) -> Vec<usize> {
    let mut reversed = vec![Vec::new(); edges.len()];
    for (from, targets) in edges.iter().enumerate() {
        for &to in targets {
            reversed[to].push(from);
        }
    }
    let mut visited = vec![false; edges.len()];
    let mut order = Vec::new();
    for root in 0..edges.len() {
        order.extend(finishing_order(root, edges, &mut visited));
    }
    let mut visited = vec![false; edges.len()];
    let mut components = vec![0; edges.len()];
    for (number, root) in order.into_iter().rev().enumerate() {
        for member in finishing_order(root, &reversed, &mut visited) {
            components[member] = number;
        }
    }
    components
}

/// Visits what is reachable from a node and not visited yet, in the order in which each is finished.
fn finishing_order(root: usize, edges: &[Vec<usize>], visited: &mut [bool]) -> Vec<usize> {
    let mut finished = Vec::new();
    let mut path = Vec::new();
    if !std::mem::replace(&mut visited[root], true) {
        path.push((root, edges[root].iter()));
    }
    while let Some((node, targets)) = path.last_mut() {
        match targets.find(|target| !visited[**target]) {
            Some(&next) => {
                visited[next] = true;
                path.push((next, edges[next].iter()));
            }
            None => {
                finished.push(*node);
                path.pop();
            }
        }
    }
    finished
}
