using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Threading;
using System.Threading.Tasks;

using static Agglestone.Native.NativeMethods;

namespace Agglestone.Native;

/// <summary>The application's functions about keys, as the library calls them. Each stands here until the library releases it.</summary>
internal static unsafe class KeyCallbacks
{
    private static readonly Registry<Entry<Source>> Sources = new();
    private static readonly Registry<Entry<EventQueue>> Listeners = new();

    /// <summary>How many are kept, for tests that look for leaks.</summary>
    internal static int Count => Sources.Count + Listeners.Count;

    internal static Registration Register(Func<CancellationToken, Task<ApiKeys>> source, ClientCallbacks callbacks)
    {
        var kept = new Source(source, callbacks);
        return new(&OnAsked, Sources.Add(new(kept, callbacks)), &OnSourceReleased, kept);
    }

    internal static Registration Register(Action<ApiKeyEvent> listener, ClientCallbacks callbacks)
    {
        var kept = new EventQueue(listener);
        return new(&OnEvent, Listeners.Add(new(kept, callbacks)), &OnListenerReleased, kept);
    }

    // On a thread that may block. An exception must not leave into native code.
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnAsked(nint id, nint answer)
    {
        try
        {
            var source = Sources.Find(id)?.Target ?? throw new ObjectDisposedException(nameof(AgglestoneClient));
            Answer(answer, source.Callbacks.Ask(source.Function));
        }
        catch (Exception problem)
        {
            Refuse(answer, problem);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnSourceReleased(nint id) => Sources.Remove(id)?.Outstanding.Remove();

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnEvent(nint id, nint handle)
    {
        var level = agg_event_level(handle).ToString() switch
        {
            "info" => ApiKeyEventLevel.Information,
            "debug" => ApiKeyEventLevel.Debug,
            "warning" => ApiKeyEventLevel.Warning,
            _ => ApiKeyEventLevel.Error,
        };
        Listeners.Find(id)?.Target?.Add(new ApiKeyEvent(agg_event_name(handle).ToString(), level, agg_event_message(handle).ToString())
        {
            Parts = EventParts.Read(handle),
        });
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnListenerReleased(nint id) => Listeners.Remove(id)?.Outstanding.Remove();

    private static void Answer(nint answer, ApiKeys keys)
    {
        using var primary = new Utf8Argument("primary", keys.Primary, stackalloc byte[Utf8Argument.Scratch]);
        using var secondary = new Utf8Argument("secondary", keys.Secondary, stackalloc byte[Utf8Argument.Scratch]);
        nint error = 0;
        fixed (byte* primaryData = primary, secondaryData = secondary)
        {
            NativeError.Check(agg_key_answer_keys(answer, primaryData, primary.Length, secondaryData, secondary.Length, &error), error);
        }
    }

    private static void Refuse(nint answer, Exception problem)
    {
        try
        {
            using var reason = new Utf8Argument("reason", problem.Message, stackalloc byte[Utf8Argument.Scratch]);
            fixed (byte* data = reason)
            {
                _ = agg_key_answer_failure(answer, data, reason.Length, null);
            }
        }
        catch (Exception)
        {
            // A message that can't be had or sent: the library says itself that there was no answer.
        }
    }

    /// <summary>A function, the number it is called with, how the library gives that back, and what the client has to keep.</summary>
    internal readonly struct Registration(
        delegate* unmanaged[Cdecl]<nint, nint, void> function, nint id, delegate* unmanaged[Cdecl]<nint, void> release, object kept)
    {
        internal readonly delegate* unmanaged[Cdecl]<nint, nint, void> Function = function;
        internal readonly nint Id = id;
        internal readonly delegate* unmanaged[Cdecl]<nint, void> Release = release;
        internal readonly object Kept = kept;
    }

    private sealed record Source(Func<CancellationToken, Task<ApiKeys>> Function, ClientCallbacks Callbacks);

    // Weak: see ClientCallbacks.
    private sealed class Entry<T>
        where T : class
    {
        private readonly WeakReference<T> target;

        internal Entry(T target, ClientCallbacks callbacks)
        {
            this.target = new(target);
            Outstanding = callbacks.Outstanding;
            Outstanding.Add();
        }

        internal T? Target => target.TryGetTarget(out var alive) ? alive : null;

        internal Outstanding Outstanding { get; }
    }
}
