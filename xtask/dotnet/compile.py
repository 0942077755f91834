"""compile.py PLAN: compiles C# assemblies with the Roslyn library, hosted in this process by pythonnet.

PLAN is a JSON file: {"root": the .NET root, "assemblies": [[compiler option or source file, ...], ...]}.
All assemblies are compiled in one process and in order, because starting the runtime and the compiler takes seconds and
a compilation a fraction of one. A later assembly may reference an earlier one. Diagnostics go to stdout; the exit code is 1
if an assembly failed, whose output file is then missing.
"""

import json
import os
import sys
import tempfile
from pathlib import Path


def load_compiler(root: Path) -> None:
    """Starts the runtime below `root` and makes the compiler's namespaces importable."""
    config = {
        "runtimeOptions": {
            "tfm": "net8.0",
            "rollForward": "LatestMajor",
            "framework": {"name": "Microsoft.NETCore.App", "version": "8.0.0"},
            # Most of a short compilation is compiling the compiler itself; the quick tier is enough for it.
            "configProperties": {"System.Runtime.TieredPGO": False},
        }
    }
    import pythonnet

    with tempfile.NamedTemporaryFile("w", suffix=".runtimeconfig.json") as file:
        json.dump(config, file)
        file.flush()
        pythonnet.load("coreclr", runtime_config=file.name, dotnet_root=str(root))

    import clr

    clr.AddReference(str(root / "roslyn" / "Microsoft.CodeAnalysis.dll"))
    clr.AddReference(str(root / "roslyn" / "Microsoft.CodeAnalysis.CSharp.dll"))


def framework_references(root: Path) -> list:
    """The framework's own assemblies, which stand in for the reference assemblies that only an SDK has."""
    from Microsoft.CodeAnalysis import MetadataReference

    (folder,) = (root / "shared" / "Microsoft.NETCore.App").iterdir()
    # Files without managed code would be refused.
    names = [path for path in sorted(folder.glob("*.dll")) if is_managed(path)]
    return [MetadataReference.CreateFromFile(str(path)) for path in names]


def is_managed(path: Path) -> bool:
    """Whether the name is one of those that the framework gives to managed assemblies."""
    facades = ("mscorlib.dll", "netstandard.dll", "WindowsBase.dll")
    return path.name.startswith(("System.", "Microsoft.")) or path.name in facades


def compile_assembly(options: list[str], framework: list) -> bool:
    """Compiles one assembly and prints what the compiler has to say; true if there is an output."""
    from Microsoft.CodeAnalysis import DiagnosticSeverity, MetadataReference, SyntaxTree
    from Microsoft.CodeAnalysis.CSharp import CSharpCommandLineParser, CSharpCompilation, SyntaxFactory
    from Microsoft.CodeAnalysis.Text import SourceText
    from System import Array, String
    from System.IO import File
    from System.Text import Encoding

    command = CSharpCommandLineParser.Default.Parse(Array[String](options), os.getcwd(), None, None)
    problems = [str(error) for error in command.Errors]
    print("\n".join(problems), end="\n" if problems else "")
    if any(error.Severity == DiagnosticSeverity.Error for error in command.Errors):
        return False

    def parse(path: str):
        stream = File.OpenRead(path)
        try:
            text = SourceText.From(stream, Encoding.UTF8)
        finally:
            stream.Close()
        return SyntaxFactory.ParseSyntaxTree(text, command.ParseOptions, path)

    missing = [item.Reference for item in command.MetadataReferences if not os.path.exists(item.Reference)]
    if missing:
        print(f"{command.OutputFileName}: not compiled, because it needs {', '.join(missing)}")
        return False
    trees = [parse(source.Path) for source in command.SourceFiles]
    references = [MetadataReference.CreateFromFile(item.Reference) for item in command.MetadataReferences]
    compilation = CSharpCompilation.Create(
        os.path.splitext(command.OutputFileName)[0],
        Array[SyntaxTree](trees),
        Array[MetadataReference](framework + references),
        command.CompilationOptions,
    )

    output = os.path.join(command.OutputDirectory, command.OutputFileName)
    assembly = File.Create(output)
    documentation = File.Create(command.DocumentationPath) if command.DocumentationPath else None
    result = compilation.Emit(assembly, None, documentation, None, None, command.EmitOptions)
    assembly.Close()
    if documentation:
        documentation.Close()
    shown = (DiagnosticSeverity.Error, DiagnosticSeverity.Warning)
    for diagnostic in result.Diagnostics:
        if diagnostic.Severity in shown and not diagnostic.IsSuppressed:
            print(diagnostic.ToString())
    if not result.Success:
        os.unlink(output)
    return result.Success


def main() -> int:
    """Carries out the plan."""
    plan = json.loads(Path(sys.argv[1]).read_text())
    root = Path(plan["root"])
    load_compiler(root)
    framework = framework_references(root)
    done = [compile_assembly(options, framework) for options in plan["assemblies"]]
    return 0 if all(done) else 1


if __name__ == "__main__":
    sys.exit(main())
