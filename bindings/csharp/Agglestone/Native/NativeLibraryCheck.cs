using System;
using System.Linq;
using System.Reflection;
using System.Runtime.InteropServices;

using Agglestone.Errors;

using static Agglestone.Native.NativeMethods;

namespace Agglestone.Native;

/// <summary>Makes sure, once, that the native library is there and speaks the interface this package was written for.</summary>
internal static class NativeLibraryCheck
{
    // Keeps a failure as well: the library does not get better by asking again.
    private static readonly Lazy<bool> Checked = new(() =>
    {
        try
        {
            Compare(agg_abi_version());
            return true;
        }
        catch (Exception problem) when (problem is DllNotFoundException or EntryPointNotFoundException or BadImageFormatException)
        {
            throw Unusable(
                $"the native library '{Library}' can't be loaded on {RuntimeInformation.RuntimeIdentifier}: "
                + "it belongs beside Agglestone.dll or where the system looks for libraries" + Offered,
                problem);
        }
    });

    /// <summary>Which platforms the package has a library for, as its project says.</summary>
    internal static string Offered =>
        typeof(NativeLibraryCheck).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().FirstOrDefault(data => data.Key == "NativePlatforms")
            is { Value: { } platforms } ? $"; the package has it for {platforms}" : "";

    /// <summary>Throws <see cref="AgglestoneConfigurationException"/> if the library can't be used.</summary>
    internal static void Run() => _ = Checked.Value;

    /// <summary>Refuses a library of another interface version.</summary>
    internal static void Compare(uint abi)
    {
        if (abi != AbiVersion)
        {
            throw Unusable(
                $"the native library '{Library}' has interface version {abi} and this package needs {AbiVersion}: "
                + "use the library that came with the package",
                null);
        }
    }

    private static AgglestoneConfigurationException Unusable(string message, Exception? inner) => new(
        new ErrorDetails { Code = AgglestoneErrorCode.InvalidConfig, Message = message },
        inner);
}
