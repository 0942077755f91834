//! What must be on the machine: looked for all at once before anything is built, each lack with its remedy.

use crate::dotnet;
use crate::face::Face;
use crate::tools;
use crate::workspace::Workspace;

/// One thing that is missing, too old or broken.
pub struct Lack {
    faces: &'static [Face],
    what: String,
    remedy: &'static str,
}

impl Lack {
    /// `python3 >= 3.10: found 3.9 (get it: …)`
    pub fn text(&self) -> String {
        format!("{} (get it: {})", self.what, self.remedy)
    }
}

/// Everything missing for any of `faces`.
pub fn lacks(workspace: &Workspace, faces: &[Face]) -> Vec<Lack> {
    let mut lacks = Vec::new();
    let mut need = |faces: &'static [Face], found: Result<(), String>, remedy| {
        if let Err(what) = found {
            lacks.push(Lack { faces, what, remedy });
        }
    };
    need(
        &[Face::C],
        tools::runs(workspace, &tools::c_compiler(), "a C compiler"),
        "apt-get install gcc, or set CC",
    );
    need(
        &[Face::C],
        tools::runs(workspace, &tools::cpp_compiler(), "a C++ compiler, for the header's C++ test"),
        "apt-get install g++, or set CXX",
    );
    need(&[Face::Python], tools::python(workspace), "apt-get install python3 python3-venv, or python.org");
    need(
        &[Face::Node],
        tools::node(workspace),
        "nodejs.org, or apt-get install nodejs npm where that is version 20 or newer (Debian 13)",
    );
    need(
        &[Face::Node],
        tools::runs(workspace, "npm", "npm"),
        "it comes with Node from nodejs.org; apt-get install npm",
    );
    need(&[Face::Csharp], dotnet::available(workspace), "the .NET SDK, version 10, from dot.net");
    lacks.retain(|lack| lack.faces.iter().any(|face| faces.contains(face)));
    lacks
}

/// Why `face` can't be had here, if it can't.
pub fn missing_for(lacks: &[Lack], face: Face) -> Option<String> {
    let texts: Vec<String> = lacks.iter().filter(|lack| lack.faces.contains(&face)).map(Lack::text).collect();
    (!texts.is_empty()).then(|| texts.join("; "))
}
