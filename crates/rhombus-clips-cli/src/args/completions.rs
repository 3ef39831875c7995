//! Arguments of `rhombus-clips completions`.

use clap::Args;
use clap_complete::Shell;

pub(super) const EXAMPLES: &str = "\
Examples:
  rhombus-clips completions bash > ~/.local/share/bash-completion/completions/rhombus-clips
  rhombus-clips completions zsh > /usr/local/share/zsh/site-functions/_rhombus-clips
  rhombus-clips completions fish > ~/.config/fish/completions/rhombus-clips.fish
  rhombus-clips completions powershell >> $PROFILE";

#[derive(Args, Debug)]
pub(crate) struct CompletionsArgs {
    /// Shell to generate completions for
    pub(crate) shell: Shell,
}
