//! The low-level client: decoding of responses, and generated code that matches the OpenAPI document.

mod contract;
mod generated_output;
mod properties;
mod published_example;
mod tolerance;
