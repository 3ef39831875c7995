//! Installs the program from the workspace and from packed crates, and uses the packed library.
//!
//! The registry has what `cargo package` packs. The tests unpack it, and let it take the place of the crates in the
//! registry, so that they pass before the first publication and without a network.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use rhombus_clips_tests::program::{run_command, text};
use rhombus_clips_tests::without_credentials;

use super::{
    Runner, assert_has_one_video, blocks, cargo, commands_of, read, start_with_camera, succeed,
};

/// Version of the crates.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The published crates, as `cargo package` packs them.
const CRATES: [&str; 4] = [
    "rhombus-clips-api",
    "rhombus-clips-sim",
    "rhombus-clips",
    "rhombus-clips-cli",
];

/// The first release of cargo that packs several crates that depend on each other.
const FIRST_MINOR_VERSION: u32 = 90;

/// The target directory of the workspace.
fn target_directory() -> &'static Path {
    Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap()
}

/// The crates as they are published, unpacked beside each other.
struct Packed {
    /// A fixed place: cargo compiles a crate again if its path is another one.
    directory: PathBuf,
}

impl Packed {
    /// Packs the crates on first use; `None` if this cargo cannot.
    fn get() -> Option<&'static Self> {
        static PACKED: OnceLock<Option<Packed>> = OnceLock::new();
        PACKED.get_or_init(Self::pack).as_ref()
    }

    fn pack() -> Option<Self> {
        let version = text(&succeed(&mut cargo("cargo --version")).stdout);
        let minor = version.split('.').nth(1)?.parse::<u32>().ok()?;
        if minor < FIRST_MINOR_VERSION {
            eprintln!("not tested: {version} does not pack crates that depend on each other");
            return None;
        }
        let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("packed");
        if directory.exists() {
            fs::remove_dir_all(&directory).unwrap();
        }
        fs::create_dir_all(&directory).unwrap();
        let packages = CRATES.map(|name| format!(" -p {name}")).concat();
        let package = "cargo package --offline --no-verify --allow-dirty";
        let mut command = cargo(&format!("{package}{packages} --target-dir"));
        succeed(command.arg(&directory));
        for name in CRATES {
            let archive = format!("package/{name}-{VERSION}.crate");
            // Packed files are dated 2006; cargo would take them for unchanged.
            let mut tar = Command::new("tar");
            succeed(tar.args(["-xzmf", &archive]).current_dir(&directory));
        }
        let packed = Self { directory };
        fs::write(packed.config(), packed.config_text()).unwrap();
        Some(packed)
    }

    fn unpacked(&self, name: &str) -> PathBuf {
        self.directory.join(format!("{name}-{VERSION}"))
    }

    /// The configuration with which cargo takes the unpacked libraries for those of the registry.
    fn config(&self) -> PathBuf {
        self.directory.join("config.toml")
    }

    fn config_text(&self) -> String {
        let mut config = "[patch.crates-io]\n".to_owned();
        for name in &CRATES[..3] {
            let path = self.unpacked(name);
            config.push_str(&format!("{name} = {{ path = '{}' }}\n", path.display()));
        }
        // Those of the workspace, so that dependencies that are compiled already are not compiled again.
        let manifest = read("Cargo.toml");
        for section in manifest.split("\n[").skip(1) {
            if section.starts_with("profile.dev") {
                config.push_str(&format!("\n[{section}"));
            }
        }
        config
    }
}

/// Asserts that an installed program carries out a command that needs no account.
fn assert_works(root: &Path) {
    let program = root.join(format!("bin/rhombus-clips{}", std::env::consts::EXE_SUFFIX));
    let directory = tempfile::tempdir().unwrap();
    let mut command = without_credentials(&program);
    let command = command
        .args(["export", "--simulate"])
        .current_dir(directory.path());
    succeed(command);
    assert_has_one_video(directory.path());
}

#[test]
fn the_program_is_installed_from_a_clone() {
    for command in commands_of(Runner::InstallPath) {
        let root = tempfile::tempdir().unwrap();
        // In debug mode, which is compiled already.
        let mut command = cargo(&format!("{command} --debug --offline --root"));
        succeed(command.arg(root.path()));
        assert_works(root.path());
    }
}

#[test]
fn the_program_is_installed_from_its_packed_crate() {
    let Some(packed) = Packed::get() else { return };
    let unpacked = packed.unpacked("rhombus-clips-cli");
    // The lock file is that of the archive, for `--locked`. A package that takes the place of one of the registry has neither source nor checksum.
    let lock = fs::read_to_string(unpacked.join("Cargo.lock")).unwrap();
    let mut packages: Vec<String> = lock.split("\n[[package]]\n").map(str::to_owned).collect();
    for package in &mut packages {
        if package.starts_with("name = \"rhombus-clips") {
            let lines = package.split_inclusive('\n');
            let is_kept =
                |line: &&str| !line.starts_with("source ") && !line.starts_with("checksum ");
            *package = lines.filter(is_kept).collect();
        }
    }
    fs::write(
        unpacked.join("Cargo.lock"),
        packages.join("\n[[package]]\n"),
    )
    .unwrap();

    let install = commands_of(Runner::Packed)
        .into_iter()
        .find(|command| command.starts_with("cargo install"));
    let install = install.unwrap();
    let root = tempfile::tempdir().unwrap();
    let (_, flags) = install.split_once(" rhombus-clips-cli ").unwrap();
    let mut command = cargo(&format!("cargo install {flags} --debug --offline --path"));
    command.arg(&unpacked).arg("--root").arg(root.path());
    command.arg("--config").arg(packed.config());
    command.arg("--target-dir").arg(target_directory());
    succeed(&mut command);
    assert_works(root.path());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_packed_library_runs_the_program_of_the_readme() {
    let Some(packed) = Packed::get() else { return };
    let readme = read("README.md");
    let rust = blocks(&readme, "rust");
    assert_eq!(
        rust,
        [read("crates/rhombus-clips/examples/first_export.rs")]
    );
    let consumer = packed.directory.join("consumer");
    let package = "[package]\nname = \"first-export\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n";
    let manifest = format!("{package}\n{}", blocks(&readme, "toml").concat());
    fs::create_dir_all(consumer.join("src")).unwrap();
    fs::write(consumer.join("Cargo.toml"), manifest).unwrap();
    fs::write(consumer.join("src/main.rs"), &rust[0]).unwrap();
    // The same versions of the dependencies.
    fs::write(consumer.join("Cargo.lock"), read("Cargo.lock")).unwrap();

    let mut build = cargo("cargo build --offline --config");
    build.arg(packed.config()).arg("--target-dir");
    build.arg(target_directory()).current_dir(&consumer);
    succeed(&mut build);
    let service = start_with_camera().await;
    let directory = tempfile::tempdir().unwrap();
    let program = format!("debug/first-export{}", std::env::consts::EXE_SUFFIX);
    let mut program = without_credentials(&target_directory().join(program));
    program
        .env("RHOMBUS_API_KEY", service.api_key())
        .env("RHOMBUS_ENDPOINT_URL", service.base_url())
        .env("RHOMBUS_MEDIA_URL", service.media_url())
        .current_dir(directory.path());
    let output = run_command(program).await;
    let stdout = text(&output.stdout);
    assert!(stdout.ends_with(": SHA-256 verified\n"), "{output:?}");
    assert_has_one_video(directory.path());
}

#[test]
fn added_dependencies_are_those_of_the_readme() {
    let Some(packed) = Packed::get() else { return };
    let directory = tempfile::tempdir().unwrap();
    let manifest = directory.path().join("Cargo.toml");
    fs::create_dir(directory.path().join("src")).unwrap();
    fs::write(directory.path().join("src/lib.rs"), "").unwrap();
    fs::write(&manifest, "[package]\nname = \"new\"\n\n[workspace]\n").unwrap();
    let mut count = 0;
    for add in commands_of(Runner::Packed) {
        let Some(arguments) = add.strip_prefix("cargo add ") else {
            continue;
        };
        let name = arguments.split(' ').next().unwrap();
        let mut command = cargo(&format!("{add} --offline --config"));
        command.arg(packed.config());
        // Even so, only the registry itself is searched for a new dependency.
        if CRATES.contains(&name) {
            command.arg("--path").arg(packed.unpacked(name));
        }
        succeed(command.current_dir(directory.path()));
        count += 1;
    }
    assert_eq!(count, 2);

    // The version that is added is complete, and that of the README is its beginning.
    let added = fs::read_to_string(&manifest).unwrap();
    let toml = blocks(&read("README.md"), "toml").concat();
    let library = format!("version = \"{VERSION}\", path = ");
    assert!(added.contains(&library), "{added}");
    let (minor_version, _) = VERSION.rsplit_once('.').unwrap();
    let line = format!("rhombus-clips = \"{minor_version}\"");
    assert!(toml.lines().any(|it| it == line), "{toml}");
    let tokio = toml.lines().find(|line| line.starts_with("tokio = "));
    let (version, features) = tokio.unwrap().split_once("\", ").unwrap();
    assert!(added.contains(&format!("{version}.")), "{added}");
    assert!(added.contains(features), "{added}");
}
