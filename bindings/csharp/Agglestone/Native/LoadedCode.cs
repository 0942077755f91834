using System.Runtime.InteropServices;
using System.Runtime.Loader;
using System.Threading;

namespace Agglestone.Native;

/// <summary>
/// Keeps this assembly loaded while the library may still call into it. Only a collectible context, such as that of a plugin,
/// unloads assemblies; elsewhere this does nothing.
/// </summary>
internal static class LoadedCode
{
    private static readonly bool CanUnload = AssemblyLoadContext.GetLoadContext(typeof(LoadedCode).Assembly) is { IsCollectible: true };
    private static readonly object Gate = new();
    private static int holds;
    private static GCHandle root;

    internal static void Hold()
    {
        if (!CanUnload)
        {
            return;
        }

        lock (Gate)
        {
            if (holds++ == 0)
            {
                // An instance of a type keeps the type's assembly; a static field of the assembly itself would not.
                root = GCHandle.Alloc(new Root());
            }
        }
    }

    /// <summary>Called by the last callback, whose own code has to outlive its return: so not at once.</summary>
    internal static void Release()
    {
        if (CanUnload)
        {
            ThreadPool.UnsafeQueueUserWorkItem(
                static _ =>
                {
                    lock (Gate)
                    {
                        if (--holds == 0)
                        {
                            root.Free();
                        }
                    }
                },
                state: null);
        }
    }

    private sealed class Root;
}
