using System;
using System.Threading;
using System.Threading.Tasks;

using static Agglestone.Native.NativeMethods;

namespace Agglestone.Native;

/// <summary>An agg_config: settings on their way into a client. Values are copied; nothing is checked before the client is made.</summary>
internal sealed unsafe class ConfigHandle : IDisposable
{
    internal ConfigHandle()
    {
        nint config = 0, error = 0;
        NativeError.Check(agg_config_new(&config, &error), error);

        // Callbacks here only set a task, so they need no thread of their own to be woken.
        NativeError.Check(agg_config_set_inline_callbacks(config, 1, &error), error);
        Handle = config;
    }

    internal nint Handle { get; private set; }

    /// <summary>What the client to be made will keep.</summary>
    internal ClientCallbacks Callbacks { get; } = new();

    public void Dispose()
    {
        agg_config_free(Handle);
        Handle = 0;
    }

    internal void SetApiKeySource(Func<CancellationToken, Task<ApiKeys>>? source)
    {
        if (source is not null)
        {
            var registration = KeyCallbacks.Register(source, Callbacks);
            Callbacks.Register(registration);
            nint error = 0;
            NativeError.Check(agg_config_set_key_source(Handle, registration.Function, registration.Id, registration.Release, &error), error);
        }
    }

    internal void SetApiKeyListener(Action<ApiKeyEvent>? listener)
    {
        if (listener is not null)
        {
            var registration = KeyCallbacks.Register(listener, Callbacks);
            Callbacks.Register(registration);
            nint error = 0;
            NativeError.Check(agg_config_set_event_callback(Handle, registration.Function, registration.Id, registration.Release, &error), error);
        }
    }

    internal void Set(bool? value, delegate*<nint, byte, nint*, uint> setter)
    {
        if (value is { } flag)
        {
            nint error = 0;
            NativeError.Check(setter(Handle, flag ? (byte)1 : (byte)0, &error), error);
        }
    }

    /// <summary>Lends a variable of the environment; one that can't be UTF-8 is left out.</summary>
    internal void SetVariable(string name, string value)
    {
        using var nameText = new Utf8Argument(argument: null, name, stackalloc byte[Utf8Argument.Scratch]);
        using var valueText = new Utf8Argument(argument: null, value, stackalloc byte[Utf8Argument.Scratch]);
        nint error = 0;
        fixed (byte* nameData = nameText, valueData = valueText)
        {
            if (agg_config_set_variable(Handle, nameData, nameText.Length, valueData, valueText.Length, &error) != 0)
            {
                agg_error_free(error);
            }
        }
    }

    // Null is "not set", so that the environment or the default behind it holds, and so is an empty text, which is what
    // configuration files have where there is nothing, as an empty variable. What is no Unicode is one problem among all
    // that the client's making reports.
    internal void Set(string? value, delegate*<nint, byte*, nuint, nint*, uint> setter)
    {
        if (string.IsNullOrEmpty(value))
        {
            return;
        }

        using var text = new Utf8Argument(argument: null, value, stackalloc byte[Utf8Argument.Scratch]);
        nint error = 0;
        fixed (byte* data = text)
        {
            NativeError.Check(setter(Handle, data, text.Length, &error), error);
        }
    }

    internal void Set(TimeSpan? value, delegate*<nint, double, nint*, uint> setter)
    {
        if (value is { } time)
        {
            nint error = 0;
            NativeError.Check(setter(Handle, time.TotalSeconds, &error), error);
        }
    }

    internal void Set(int? value, delegate*<nint, long, nint*, uint> setter)
    {
        if (value is { } number)
        {
            nint error = 0;
            NativeError.Check(setter(Handle, number, &error), error);
        }
    }
}
