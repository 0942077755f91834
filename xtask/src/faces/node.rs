//! Face.
use crate::test::Tally;
use crate::workspace::Workspace;
pub fn test(_: &Workspace, tally: &mut Tally) {
    tally.skip("face", "not made yet");
}
