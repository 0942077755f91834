using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("Agglestone.Tests")]
