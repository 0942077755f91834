using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

// The native library lies beside this one, or where the system looks.
[assembly: DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory | DllImportSearchPath.SafeDirectories)]
[assembly: DisableRuntimeMarshalling]
[assembly: InternalsVisibleTo("Agglestone.Tests")]
// The driver of the conformance cases.
[assembly: InternalsVisibleTo("Driver")]
