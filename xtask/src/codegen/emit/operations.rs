//! Generates the table of operations with their effects, which the retry policy reads.

use std::collections::BTreeMap;

use quote::quote;
use syn::{File, parse_quote};

use crate::codegen::model::Method;

/// Generates the table of all operations, sorted by their ids.
pub fn table(methods: &[Method]) -> File {
    let sorted: BTreeMap<&str, &Method> = methods.iter().map(|m| (&*m.operation.id, m)).collect();
    let rows = sorted.values().map(|method| {
        let (id, method_name) = (&method.operation.id, &method.name);
        let effect = match method.operation.effect.is_read {
            true => quote!(Effect::Read),
            false => quote!(Effect::Write),
        };
        let reason = match &method.operation.effect.reason {
            Some(reason) => quote!(Some(#reason)),
            None => quote!(None),
        };
        quote!(Operation { id: #id, method_name: #method_name, effect: #effect, reason: #reason })
    });
    parse_quote! {
        //! Operations of the service, sorted by their IDs, with their declared effects.

        use crate::{Effect, Operation};

        pub(crate) const OPERATIONS: &[Operation] = &[#(#rows),*];
    }
}
