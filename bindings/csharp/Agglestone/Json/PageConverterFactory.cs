using System;
using System.ComponentModel;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Agglestone.Json;

/// <summary>
/// Names the converter of each kind of page, because a generic type can't carry a generic converter. Public because generated code
/// names it.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class PageConverterFactory : JsonConverterFactory
{
    /// <inheritdoc/>
    public override bool CanConvert(Type typeToConvert)
    {
        ArgumentNullException.ThrowIfNull(typeToConvert);
        return typeToConvert.IsGenericType && typeToConvert.GetGenericTypeDefinition() == typeof(Page<>);
    }

    /// <inheritdoc/>
    public override JsonConverter CreateConverter(Type typeToConvert, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(typeToConvert);
        return typeToConvert == typeof(Page<User>) ? new UserPageConverter() : Create(typeToConvert.GenericTypeArguments[0]);
    }

    [DynamicDependency(DynamicallyAccessedMemberTypes.PublicParameterlessConstructor, typeof(PageConverter<>))]
    [UnconditionalSuppressMessage("Trimming", "IL2055", Justification = "The converter asks nothing of its type argument.")]
    [UnconditionalSuppressMessage("AOT", "IL3050", Justification = "Classes share the code that pages of users have; structures are said to need more.")]
    private static JsonConverter Create(Type item) =>
        (JsonConverter)Activator.CreateInstance(typeof(PageConverter<>).MakeGenericType(item))!;
}
