//! Which setting counts.

mod credentials;
mod profiles;
#[cfg(test)]
mod tests;

use clap::ValueEnum as _;
use rhombus_clips::Region;

use super::file::{File, Section};
use super::inputs::{Content, Found, Inputs, Reading, Variable};
use super::{FileFound, Origin, Problem, Settings, Sourced, Topic};
use crate::args::Output;

const PROFILE: &str = "RHOMBUS_PROFILE";
const OUTPUT: &str = "RHOMBUS_OUTPUT";
const ENDPOINT_URL: &str = "RHOMBUS_ENDPOINT_URL";
const API_KEY: &str = "RHOMBUS_API_KEY";

/// The profile that is used unless another one is named.
const DEFAULT_PROFILE: &str = "default";

/// Flags over environment over files, each setting by itself.
pub(crate) fn decide(inputs: Inputs) -> Settings {
    let mut problems = Vec::new();
    let mut warnings = Vec::new();
    let config = parsed(Topic::ConfigFile, &inputs.config, &mut problems);
    let credentials = parsed(Topic::CredentialsFile, &inputs.credentials, &mut problems);
    let files = vec![
        found(
            "config",
            &inputs.config,
            config.as_ref(),
            profiles::of_config,
        ),
        found(
            "credentials",
            &inputs.credentials,
            credentials.as_ref(),
            profiles::of_credentials,
        ),
    ];
    if let (Some(path), Some(mode)) = (&inputs.credentials.path, inputs.credentials.exposed) {
        let path = path.display();
        warnings.push(Problem::new(
            Topic::CredentialsFile,
            format!("other users can read {path} (mode {mode:04o}): chmod 600 {path}"),
        ));
    }

    let profile = profile(&inputs, &mut problems);
    // A file that cannot be read may have it.
    if problems.is_empty() && inputs.reading == Reading::All {
        problems.extend(profiles::unknown(&profile, &files));
    }
    let section = config
        .as_ref()
        .and_then(|file| profiles::section_of_config(file, &profile.value));
    let output = output(&inputs, section.as_ref(), &mut warnings);
    let endpoint_url = endpoint_url(&inputs, section.as_ref(), &mut problems);

    let mut settings = Settings {
        files,
        profile,
        output,
        endpoint_url,
        api_key: None,
        partner: None,
        organization: None,
        certificate: None,
        problems,
        warnings,
    };
    match inputs.reading {
        Reading::All => credentials::decide(&mut settings, inputs, credentials.as_ref()),
        // What is not needed cannot stand in the way.
        Reading::Output => settings.warnings.append(&mut settings.problems),
    }
    settings
}

fn parsed(topic: Topic, found: &Found, problems: &mut Vec<Problem>) -> Option<File> {
    let path = found.path.as_deref()?;
    let refusal = match &found.content {
        Content::None => return None,
        Content::Text(text) => match File::parse(path, text) {
            Ok(file) => return Some(file),
            Err(refusal) => refusal,
        },
        Content::Unreadable(why) => format!("{} cannot be read: {why}", path.display()),
    };
    problems.push(Problem::new(topic, refusal));
    None
}

fn found(
    name: &'static str,
    found: &Found,
    file: Option<&File>,
    profiles: fn(&File) -> Vec<String>,
) -> FileFound {
    FileFound {
        name,
        path: found.path.clone(),
        profiles: file.map(profiles),
    }
}

fn profile(inputs: &Inputs, problems: &mut Vec<Problem>) -> Sourced<String> {
    let flag = inputs.flags.profile.clone();
    flag.map(|name| Sourced::new(name, Origin::Flag("--profile")))
        .or_else(|| {
            let variable = inputs.environment.profile.as_ref();
            of_variable(PROFILE, Topic::Profile, variable, problems)
        })
        .unwrap_or_else(|| Sourced::new(DEFAULT_PROFILE.to_owned(), Origin::Default))
}

/// The formats of Rhombus's own tool are others than ours: one that is not known here is no
/// reason to stop.
fn output(
    inputs: &Inputs,
    section: Option<&Section<'_>>,
    warnings: &mut Vec<Problem>,
) -> Sourced<Output> {
    if let Some(output) = inputs.flags.output {
        return Sourced::new(output, Origin::Flag("--output"));
    }
    let variable = inputs.environment.output.as_ref();
    let named = of_variable(OUTPUT, Topic::Output, variable, warnings)
        .or_else(|| owned(section?.get("output")?));
    let Some(Sourced { value, origin }) = named else {
        return Sourced::new(Output::Text, Origin::Default);
    };
    match Output::from_str(&value, true) {
        Ok(output) => Sourced::new(output, origin),
        Err(_) => {
            let text =
                format!("this program has no output format {value:?} ({origin}): text it is");
            warnings.push(Problem::new(Topic::Output, text));
            Sourced::new(Output::Text, Origin::Default)
        }
    }
}

fn endpoint_url(
    inputs: &Inputs,
    section: Option<&Section<'_>>,
    problems: &mut Vec<Problem>,
) -> Sourced<String> {
    let flags = &inputs.flags;
    if flags.endpoint_url.is_some() && flags.region.is_some() {
        problems.push(Problem::new(
            Topic::Endpoint,
            "--endpoint-url and --region both say where the service is: leave one out",
        ));
    }
    let url = flags.endpoint_url.clone();
    let region = flags.region.map(str::to_owned);
    url.map(|url| Sourced::new(url, Origin::Flag("--endpoint-url")))
        .or_else(|| region.map(|url| Sourced::new(url, Origin::Flag("--region"))))
        .or_else(|| {
            let variable = inputs.environment.endpoint_url.as_ref();
            of_variable(ENDPOINT_URL, Topic::Endpoint, variable, problems)
        })
        .or_else(|| owned(section?.get("endpoint_url")?))
        .unwrap_or_else(|| Sourced::new(Region::default().base_url().to_owned(), Origin::Default))
}

fn of_variable(
    name: &'static str,
    topic: Topic,
    variable: Option<&Variable>,
    problems: &mut Vec<Problem>,
) -> Option<Sourced<String>> {
    match variable? {
        Ok(value) => Some(Sourced::new(value.clone(), Origin::Variable(name))),
        Err(_) => {
            problems.push(no_unicode(name, topic));
            None
        }
    }
}

fn no_unicode(name: &str, topic: Topic) -> Problem {
    Problem::new(topic, format!("{name} is not Unicode text"))
}

/// A value of a file; an empty one says nothing.
fn owned(value: Sourced<&str>) -> Option<Sourced<String>> {
    (!value.value.is_empty()).then(|| Sourced::new(value.value.to_owned(), value.origin))
}
